"""Makes a film with OpenRouter's own SDK: `openrouter_sdk.py URL SECRET`."""

from __future__ import annotations

import hashlib
import json
import sys
import time

from openrouter import OpenRouter  # type: ignore[import-not-found]

PROMPT = "a kite over the sea"


def main() -> None:
    url, secret = sys.argv[1:]
    with OpenRouter(api_key=secret, server_url=url, retry_config=None) as vendor:
        videos = vendor.video_generation
        models = {one.id: one for one in videos.list_videos_models().data}
        model = models["google/veo-3.1"]
        task = videos.generate(
            model=model.id,
            prompt=PROMPT,
            duration=model.supported_durations[0],
            resolution=model.supported_resolutions[0],
            aspect_ratio=model.supported_aspect_ratios[0],
            generate_audio=True,
            seed=7,
        )
        while task.status in ("pending", "in_progress"):
            time.sleep(0.02)
            task = videos.get_generation(job_id=task.id)
        assert task.status == "completed", task.error
        assert task.usage.cost > 0
        film = videos.get_video_content(job_id=task.id, index=0).read()
    told = {"prompt": PROMPT, "film": hashlib.sha256(film).hexdigest()}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()

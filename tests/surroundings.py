"""What a process that a test starts finds around it."""

import os

#: How settings begin that whoever runs the tests may have: ours, the SDKs', the interpreters'.
SETTINGS = ("FILMGATE_", "OPENAI_", "NODE_", "PYTHONPATH")


def environment(*, measured: bool = False) -> dict[str, str]:
    """As it is here, without settings. Coverage sees a process only if it is *measured*."""
    left_out = SETTINGS if measured else (*SETTINGS, "COVERAGE_")
    return {k: v for k, v in os.environ.items() if not k.startswith(left_out)}  # noqa: TID251

"""Who plays in a film, because its prompt names them."""

from __future__ import annotations

from dataclasses import replace

from filmgate.domain.caller import Caller
from filmgate.domain.request import GenerationRequest, Role
from filmgate.gateway.characters import Casting
from filmgate.gateway.submission import Given
from filmgate.web.sora_words import name_characters, read_characters


async def playing(
    request: GenerationRequest, casting: Casting, caller: Caller
) -> tuple[GenerationRequest, list[Given]]:
    """
    *request* with the names of those whose ids, or @names, stand in its prompt; and them.

    `NotFound` for an id that is nobody's. A word after an `@` that is nobody's name stays.
    """
    texts = (request.prompt, *(shot.prompt for shot in request.storyboard))
    players = read_characters("\n".join(texts))
    words = {player[1:]: player for player in players if player.startswith("@")}
    found = {
        player: await casting.get(player, caller, param="prompt")
        for player in players
        if not player.startswith("@")
    }
    named = await casting.named(words, caller)
    found |= {words[name]: character for name, character in named.items()}
    names = {player: character.name for player, character in found.items()}
    shots = tuple(
        replace(shot, prompt=name_characters(shot.prompt, names)) for shot in request.storyboard
    )
    request = replace(request, prompt=name_characters(request.prompt, names), storyboard=shots)
    ids = dict.fromkeys(found[player].id for player in players if player in found)
    given = [Given(role=Role.CHARACTER, param="prompt", character_id=one) for one in ids]
    return request, given

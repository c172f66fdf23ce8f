"""
Two services that take one content array and make a task of it: Ark's Seedance, and MiniMax.

Text and pictures are items of the array, each picture with its role. What was made is
asked for by the task's id, and lies behind a link that is signed for a day.
"""

from filmgate.engines.ark.minimax import MiniMax
from filmgate.engines.ark.seedance import Ark

__all__ = ["Ark", "MiniMax"]

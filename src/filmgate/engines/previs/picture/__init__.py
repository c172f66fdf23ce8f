"""How it looks: colours, grades, lens, camera, words in the picture."""

"""From a prompt, English or Chinese, to the script of a film."""

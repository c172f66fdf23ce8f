"""What a webhook may be signed with."""

import pytest

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.webhook import LONGEST_SECRET, check_secret


@pytest.mark.parametrize(
    "secret", ["s", "ü", "s" * LONGEST_SECRET, "whsec_c2VjcmV0", "whsecret"]
)
def test_any_text_can_be_a_secret_and_base64_after_whsec(secret: str) -> None:
    check_secret(secret, param="webhook_secret")


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        ("s" * (LONGEST_SECRET + 1), f"the most is {LONGEST_SECRET}"),
        ("whsec_hushhush!", "base64 must follow"),
        ("whsec_hushhushü", "base64 must follow"),
        ("whsec_hushhush1", "base64 must follow"),
    ],
)
def test_a_secret_that_cannot_sign_is_refused_without_being_repeated(
    secret: str, says: str
) -> None:
    with pytest.raises(InvalidRequest, match=says) as refused:
        check_secret(secret, param="webhook_secret")
    assert refused.value.param == "webhook_secret"
    assert "hush" not in refused.value.message

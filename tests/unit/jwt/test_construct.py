"""Building claims without judging them again."""

from typing import Self

import pytest
from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError

from bymax_auth.jwt import canonical
from bymax_auth.jwt.construct import constructor_of
from bymax_auth.types.claims import DashboardClaims, PlatformClaims


class Plain(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    size: int = 1


class WithPrivateState(Plain):
    _seen: int = PrivateAttr(default=0)


class OfAnotherMake(Plain):
    """Stands for a pydantic whose models need state that an assembly does not set."""

    def model_copy(self, **_: object) -> Self:
        raise AttributeError("no such attribute")


@pytest.mark.parametrize("build", [canonical._new_dashboard, canonical._new_platform])
def test_this_pydantic_lets_claims_be_assembled(build: object) -> None:
    """Verification would be half as fast again after an upgrade, and nobody would notice."""
    assert getattr(build, "__name__", "") == "construct"


def test_assembled_claims_are_like_validated_ones() -> None:
    """A guard would see other claims than documented, or could change them."""
    build = constructor_of(Plain, {"name": "sample", "size": 2})
    built = build({"name": "a", "size": 3})
    assert built == Plain(name="a", size=3)
    assert built.model_copy(update={"size": 4}) == Plain(name="a", size=4)
    assert hash(built) == hash(Plain(name="a", size=3))
    assert repr(built) == repr(Plain(name="a", size=3))
    with pytest.raises(ValidationError, match="frozen"):
        built.name = "b"  # type: ignore[misc]


@pytest.mark.parametrize("model", [WithPrivateState, OfAnotherMake])
def test_a_model_that_cannot_be_assembled_is_validated(model: type[Plain]) -> None:
    """An upgrade of pydantic would break every request instead of costing a microsecond."""
    build = constructor_of(model, {"name": "sample", "size": 2})
    assert build == model.model_validate
    assert build({"name": "a", "size": 3}) == model(name="a", size=3)


def test_the_models_have_the_fields_that_are_assembled() -> None:
    """A claim added to a model would be missing from every verified token."""
    assert [*DashboardClaims.model_fields] == [*canonical.read_canonical(DASHBOARD, "dashboard").__dict__]
    assert [*PlatformClaims.model_fields] == [*canonical.read_canonical(PLATFORM, "platform").__dict__]


JTI = "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f"
DASHBOARD = (
    f'{{"sub":"u1","jti":"{JTI}","tenantId":"t","role":"MEMBER","type":"dashboard","status":"",'
    '"mfaEnabled":false,"mfaVerified":true,"iat":1,"exp":2,"epoch":0}'
)
PLATFORM = (
    f'{{"sub":"p1","jti":"{JTI}","role":"SUPER_ADMIN","type":"platform",'
    '"mfaEnabled":true,"mfaVerified":false,"iat":1,"exp":2,"epoch":0,"iss":"i","aud":"a"}'
)

"""The cost of scrypt as other systems write it: N itself, which must be a power of two."""

from bymax_auth.crypto.password.scrypt import ScryptParameters

__all__ = ["scrypt_cost"]


def scrypt_cost(n: int, block_size: int, parallelization: int) -> ScryptParameters | None:
    """Return the cost, or ``None`` where N is no power of two."""
    if n < 2 or n.bit_count() != 1:
        return None
    return ScryptParameters(log2_n=n.bit_length() - 1, block_size=block_size, parallelization=parallelization)

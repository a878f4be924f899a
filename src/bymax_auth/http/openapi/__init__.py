"""The OpenAPI 3.1 description of the mounted routes, generated from the route table and the models."""

from bymax_auth.http.openapi.document import Operation, components_of, openapi_fragment, operations_of

__all__ = ["Operation", "components_of", "openapi_fragment", "operations_of"]

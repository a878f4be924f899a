"""The composition root: checks the configuration, builds the flows, and closes what it opened."""

from bymax_auth.engine.auth_engine import AuthEngine
from bymax_auth.engine.flow_records import AccountFlows, RealmFlows
from bymax_auth.engine.route_groups import RouteGroups

__all__ = ["AccountFlows", "AuthEngine", "RealmFlows", "RouteGroups"]

"""Makes the connector of Todoist."""

from collections.abc import Mapping

from oo_desktop.connectors.base import Connector, OAuthSignIn, PastedTokens
from oo_desktop.connectors.todoist.errors import wait_of_error
from oo_desktop.connectors.todoist.settings import TodoistSettings, settings_from_section
from oo_desktop.connectors.todoist.source import TodoistSource, identity
from oo_desktop.language import untranslated
from oo_desktop.model.state import Listed
from oo_desktop.oauth.messages import OAuthService, issuers

ISSUER = "https://todoist.com"


def connector(section: Mapping[str, object]) -> Connector:
    """Return the connector that `[todoist]` sets up. Raises ConfigError."""
    settings = settings_from_section(section)
    return Connector(
        id=TodoistSource.id,
        name="Todoist",
        home="https://app.todoist.com/app/today",
        sign_in=OAuthSignIn(
            service=OAuthService(
                name="Todoist",
                authorize_url=settings.authorize_url,
                token_url=settings.token_url,
                register_url=settings.register_url,
                scope="data:read_write",
                issuers=issuers(
                    ISSUER,
                    authorize_url=settings.authorize_url,
                    own_page=TodoistSettings().authorize_url,
                ),
            ),
            api_url=settings.api_url,
            client_id=settings.client_id,
            callback_ports=settings.callback_ports,
            identity=identity,
            revoke_url="https://app.todoist.com/app/settings/integrations",
            pasted=PastedTokens(),  # theirs have 40 letters and digits
        ),
        source=lambda given: TodoistSource(client=given.clients, query=settings.filter),
        wait_of_error=wait_of_error,
        saved=untranslated("saved tasks"),
        lists=Listed.TASKS,
    )

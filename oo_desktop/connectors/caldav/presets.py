"""Name the servers that many people have, and what goes wrong there.

| service | where its facts are from |
|---|---|
| iCloud | https://support.apple.com/102654 (app-specific passwords) |
| Fastmail | https://www.fastmail.com/help/technical/servernamesandports.html and \
https://www.fastmail.com/help/clients/apppassword.html |
| mailbox.org | https://kb.mailbox.org/en/private/security-and-privacy/\
application-passwords-for-external-programs; the server: \
https://tymeslot.app/docs/caldav-mailbox-org |
| Posteo | https://posteo.de/en/help/how-do-i-change-my-password; the server, which has a port of \
its own: `serviceproviders` of https://github.com/jobisoft/DAV-4-TbSync |
| Nextcloud | https://docs.nextcloud.com/server/latest/user_manual/en/session_management.html |
"""

from oo_desktop.language import untranslated
from oo_desktop.model.state import Preset

PRESETS = (
    Preset(
        id="icloud",
        name="iCloud",
        server="https://caldav.icloud.com/",
        hint=untranslated(
            "Apple takes an app-specific password here, never your own. Make one at"
            " https://account.apple.com, under “Sign-In and Security”."
        ),
    ),
    Preset(
        id="fastmail",
        name="Fastmail",
        server="https://caldav.fastmail.com/",
        hint=untranslated(
            "Fastmail takes an app password here, never your own. Make one at"
            " https://app.fastmail.com/settings/security; the Basic plan has none."
        ),
    ),
    Preset(
        id="mailbox_org",
        name="mailbox.org",
        server="https://dav.mailbox.org/",
        hint=untranslated(
            "With two-factor authentication, only an application password is taken: make one under"
            " “All settings”, “Security”, “Application passwords”. Without it your own will do."
        ),
    ),
    Preset(
        id="posteo",
        name="Posteo",
        server="https://posteo.de:8443/",
        hint=untranslated(
            "The user name is your Posteo address, the password that of your mailbox. When you"
            " change that password, connect again."
        ),
    ),
    Preset(
        id="nextcloud",
        name="Nextcloud",
        hint=untranslated(
            "The address is the one at which you open your Nextcloud. With two-factor"
            " authentication, only an app password is taken: make one in its settings, under"
            " “Security”."
        ),
    ),
    Preset(
        id="other",
        name=untranslated("Other server"),
        hint=untranslated(
            "Type the server’s address, or an e-mail address whose domain names the server. Many"
            " servers take only an app password."
        ),
    ),
)
"""In the order in which they are offered."""

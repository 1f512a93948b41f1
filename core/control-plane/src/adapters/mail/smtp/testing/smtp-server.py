"""A real SMTP server (aiosmtpd) for tests: writes each message that it takes as one line of JSON, before it answers.

Receivers say what becomes of a message: `later@…` is refused for now, `never@…` for good.
"""

import asyncio
import inspect
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP

options = json.loads(sys.argv[1])


def say(what):
    print(json.dumps(what), flush=True)


def take(message):
    with open(options["taken"], "a", encoding="utf-8") as file:
        file.write(json.dumps(message) + "\n")


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("later@"):
            return "451 4.3.0 try again"
        if address.startswith("never@"):
            return "550 5.1.1 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        take(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "message": envelope.content.decode("utf-8", "replace"),
                "secure": server.transport.get_extra_info("ssl_object") is not None,
                "signedIn": bool(getattr(session, "authenticated", False)),
            }
        )
        return "250 taken"


def settings():
    wanted = {"enable_SMTPUTF8": True, "hostname": "localhost"}
    secure = None
    if options.get("certificate"):
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        secure.load_cert_chain(options["certificate"], options["key"])
    if options["tls"] == "starttls":
        wanted.update(tls_context=secure, require_starttls=True)
    if options.get("user"):
        from aiosmtpd.smtp import AuthResult

        def authenticate(server, session, envelope, mechanism, data):
            right = (
                data.login.decode() == options["user"]
                and data.password.decode() == options["password"]
            )
            return AuthResult(success=right, handled=right)

        wanted.update(authenticator=authenticate, auth_required=True, auth_require_tls=options["tls"] == "starttls")
    known = inspect.signature(SMTP.__init__).parameters
    return {name: value for name, value in wanted.items() if name in known}, secure


async def main():
    wanted, secure = settings()
    implicit = secure if options["tls"] == "implicit" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Handler(), **wanted), "127.0.0.1", options.get("port", 0), ssl=implicit
    )
    say({"port": server.sockets[0].getsockname()[1], "authentication": "authenticator" in inspect.signature(SMTP.__init__).parameters})
    # Ends with the process that started it.
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())

"""A mail server on loopback: it speaks SMTP over real sockets, and keeps what it gets."""

import email
import email.policy
import socketserver

from wdtadmin.mail import mail_settings


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks SMTP (RFC 5321) as far as a client needs it; `answers` says what a command gets instead of its due."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        self.got, self.answers, self.connections = [], {}, 0
        self.at = lambda step: None  # called at each command, and when a message was taken and not confirmed yet
        super().__init__(("127.0.0.1", 0), _Session)

    @property
    def port(self):
        return self.server_address[1]

    def messages(self):
        return [email.message_from_bytes(raw, policy=email.policy.default) for _to, raw in self.got]


def send_mail_to(settings, port):
    """From now on mail goes to this port of loopback."""
    for name, setting in mail_settings(f"smtp://127.0.0.1:{port}").items():
        setattr(settings, name, setting)


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.connections += 1
        to = []
        self.say("220 mail.example ESMTP")
        while line := self.rfile.readline():
            command = line.strip().decode("ascii", "replace")
            verb = command.partition(" ")[0].upper()
            self.server.at(verb)
            if verb in self.server.answers:
                self.say(self.server.answers[verb])
                continue
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == "RCPT":
                to.append(command)
            if verb == "DATA":
                self.say("354 go on")
                raw = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.got.append((to, raw))
                self.server.at("taken")
                to = []
            self.say("250 ok")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

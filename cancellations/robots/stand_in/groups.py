"""The robots of the stand-in and what they accept. Pure but for the clock: no HTTP here.

The checks and numbers are those of WeCom, 91770 and 90454; DingTalk, custom-robot; Feishu, add-custom-bot.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cancellations.robots.channels import FIRST_WORD, LIMITS, Robot
from cancellations.robots.stand_in.shown import Malformed, Shown, read_body

HOUR = 3600
RATES = {Robot.WECOM: 20, Robot.DINGTALK: 20, Robot.FEISHU: 100}  # messages a minute
BLOCKS = {Robot.WECOM: 60, Robot.DINGTALK: 600, Robot.FEISHU: 0}  # seconds that follow one too many
MOST_IN_A_SECOND = 5  # Feishu
LONGEST_MEMORY = 2000  # messages


@dataclass(frozen=True)
class Known:
    """A robot that exists; with a `secret` it wants signatures, with a `keyword` that word."""

    robot: Robot
    token: str
    secret: str = ""
    keyword: str = ""

    @property
    def url(self) -> str:
        """The address that the channel would show to whoever made the robot."""
        return {
            Robot.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
            Robot.DINGTALK: "https://oapi.dingtalk.com/robot/send?access_token=",
            Robot.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook/",
        }[self.robot] + self.token


DEMO = {
    Robot.WECOM: Known(Robot.WECOM, "demo-wecom-key"),
    Robot.DINGTALK: Known(Robot.DINGTALK, "demo-dingtalk-token", "SECdemo0123456789", FIRST_WORD),
    Robot.FEISHU: Known(Robot.FEISHU, "demo-feishu-token", "demo", FIRST_WORD),
}


@dataclass(frozen=True)
class Call:
    """A call as it came: `token` is from the path or the query, `query` is decoded once."""

    robot: Robot
    token: str
    body: bytes
    method: str = "POST"
    content_type: str = "application/json"
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrival:
    """What became of a call. `number` is the channel's, or what the stand-in was told to do instead of answering."""

    at: float  # unix seconds
    robot: Robot
    accepted: bool
    number: str
    title: str
    text: str
    mentioned: tuple[str, ...]


class Refused(Exception):
    """The channel's number and words for what is wrong with a call."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__(number, words)
        self.number, self.words = number, words


# The channel's number and words.
GONE = {
    Robot.WECOM: (93000, "invalid webhook url"),
    Robot.DINGTALK: (300005, "token is not exist"),
    Robot.FEISHU: (19001, "param invalid: incoming webhook access token invalid"),
}
METHOD = {
    Robot.WECOM: (43002, "require POST method"),
    Robot.DINGTALK: (43002, "require POST method"),
    Robot.FEISHU: (9499, "Bad Request"),
}
CONTENT_TYPE = {
    Robot.WECOM: (40058, "invalid content type"),
    Robot.DINGTALK: (43004, "invalid content type"),
    Robot.FEISHU: (9499, "Bad Request"),
}
TOO_LARGE = {
    Robot.WECOM: (40058, "markdown.content exceed max length 4096"),
    Robot.DINGTALK: (460101, "message too long"),
    Robot.FEISHU: (9499, "Bad Request"),
}
MALFORMED = {
    Robot.WECOM: (40008, "invalid message type"),
    Robot.DINGTALK: (40035, "invalid parameter"),
    Robot.FEISHU: (9499, "Bad Request"),
}
SIGN = {
    Robot.DINGTALK: (310000, "sign not match, or timestamp is not within one hour"),
    Robot.FEISHU: (19021, "sign match fail or timestamp is not within one hour from current time"),
}
KEYWORD = {
    Robot.DINGTALK: (310000, "keywords not in content"),
    Robot.FEISHU: (19024, "Key Words Not Found"),
}
TOO_OFTEN = {
    Robot.WECOM: (45009, "api freq out of limit"),
    Robot.DINGTALK: (130101, "send too fast"),
    Robot.FEISHU: (9499, "too many request"),
}


def answer_of(robot: Robot, number: int, words: str) -> tuple[int, dict[str, Any]]:
    """HTTP status and body. All three refuse with 200; Feishu answers a bad or too frequent request with 400."""
    if robot is not Robot.FEISHU:
        return 200, {"errcode": number, "errmsg": words}
    if number == 0:
        return 200, {"StatusCode": 0, "StatusMessage": words, "code": 0, "data": {}, "msg": words}
    return 400 if number == 9499 else 200, {"code": number, "data": {}, "msg": words}


class Groups:
    """The robots that exist, and what arrived at them. `clock` gives unix seconds; without `rates` none is too fast."""

    def __init__(self, known: Iterable[Known], *, clock: Callable[[], float] = time.time, rates: bool = True) -> None:
        self._known = {(robot.robot, robot.token): robot for robot in known}
        self._revoked: set[Robot] = set()
        self._clock = clock
        self._rates = rates
        self._taken: defaultdict[str, deque[float]] = defaultdict(deque)  # when, by token
        self._blocked: dict[str, float] = {}  # until when, by token
        self._arrived: deque[Arrival] = deque(maxlen=LONGEST_MEMORY)
        self._lock = threading.Lock()

    def revoke(self, robot: Robot) -> None:
        """As if the robot had been removed from its group."""
        self._revoked.add(robot)

    def restore(self, robot: Robot) -> None:
        self._revoked.discard(robot)

    def clear(self) -> None:
        """Forgets what arrived, and how much; every robot exists again."""
        with self._lock:
            for memory in (self._arrived, self._taken, self._blocked, self._revoked):
                memory.clear()

    def arrived(self, robot: Robot | None = None) -> list[Arrival]:
        """Every message, the first one first."""
        with self._lock:
            return [arrival for arrival in self._arrived if robot in (None, arrival.robot)]

    def receive(self, call: Call) -> tuple[int, dict[str, Any]]:
        """HTTP status and body of the channel's answer."""
        try:
            self._check(call)
        except Refused as refused:
            self.remember(call, str(refused.number), accepted=False)
            return answer_of(call.robot, refused.number, refused.words)
        self.remember(call, "0", accepted=True)
        return answer_of(call.robot, 0, "success" if call.robot is Robot.FEISHU else "ok")

    def remember(self, call: Call, number: str, *, accepted: bool) -> None:
        try:
            shown = read_body(call.robot, call.body)
        except Malformed:
            shown = Shown()
        with self._lock:
            self._arrived.append(
                Arrival(self._clock(), call.robot, accepted, number, shown.title, shown.text, shown.mentioned)
            )

    def _check(self, call: Call) -> None:
        """Raises Refused."""
        robot = call.robot
        known = self._known.get((robot, call.token))
        if known is None or robot in self._revoked:
            raise Refused(*GONE[robot])
        if call.method != "POST":
            raise Refused(*METHOD[robot])
        if call.content_type.partition(";")[0].strip().lower() != "application/json":
            raise Refused(*CONTENT_TYPE[robot])
        if robot is not Robot.WECOM and len(call.body) > LIMITS[robot]:
            raise Refused(*TOO_LARGE[robot])
        try:
            shown = read_body(robot, call.body)
        except Malformed:
            raise Refused(*MALFORMED[robot]) from None
        if robot is Robot.WECOM and len(shown.text.encode()) > LIMITS[robot]:
            raise Refused(*TOO_LARGE[robot])
        if known.secret and not self._is_signed(call, known.secret):
            raise Refused(*SIGN[robot])
        if known.keyword and known.keyword not in shown.title + shown.text:
            raise Refused(*KEYWORD[robot])
        if self._rates and self._is_too_often(robot, call.token):
            raise Refused(*TOO_OFTEN[robot])

    def _is_signed(self, call: Call, secret: str) -> bool:
        """Computed here once more, so that a mistake in our own signing is not made twice."""
        given = call.query if call.robot is Robot.DINGTALK else json.loads(call.body)
        moment, sign = str(given.get("timestamp", "")), str(given.get("sign", ""))
        if not (moment.isascii() and moment.isdecimal() and len(moment) < 15):
            return False
        text = f"{moment}\n{secret}".encode()
        if call.robot is Robot.DINGTALK:
            seconds, digest = int(moment) / 1000, hmac.new(secret.encode(), text, hashlib.sha256).digest()
        else:
            seconds, digest = float(moment), hmac.new(text, b"", hashlib.sha256).digest()
        return abs(self._clock() - seconds) <= HOUR and sign == base64.b64encode(digest).decode()

    def _is_too_often(self, robot: Robot, token: str) -> bool:
        now = self._clock()
        with self._lock:
            if now < self._blocked.get(token, 0):
                return True
            taken = self._taken[token]
            while taken and taken[0] <= now - 60:
                taken.popleft()
            if len(taken) >= RATES[robot]:
                self._blocked[token] = now + BLOCKS[robot]
                return True
            if robot is Robot.FEISHU and sum(at > now - 1 for at in taken) >= MOST_IN_A_SECOND:
                return True
            taken.append(now)
            return False

"""Reads what a channel answered. Pure: bytes in, a verdict out; nothing in the bytes makes it raise.

All three refuse with HTTP 200, so only the channel's own number counts, and never its words. One number of Feishu's
stands for two things, which only the words tell apart.
"""

import enum
import json
import re
from dataclasses import dataclass

from cancellations.robots.channels import Robot
from cancellations.unique_keys import unique_keys


class State(enum.StrEnum):
    """What is to be done with a message."""

    SENT = "sent"  # the channel has taken it
    AGAIN = "again"  # it, or a part of the channel, failed for now; it may have been delivered all the same
    NEVER = "never"  # this message will not be taken, whenever it is sent
    OFF = "off"  # the channel takes none: it is to be switched off, or its configuration mended


class Meaning(enum.StrEnum):
    """Why, as finely as the channels distinguish it."""

    TAKEN = "taken"
    BUSY = "busy"
    TOO_OFTEN = "too_often"
    QUOTA_USED_UP = "quota_used_up"  # of the company's plan, for this month
    GONE = "gone"  # no such robot or token any more
    GROUP_DISSOLVED = "group_dissolved"
    ROBOT_STOPPED = "robot_stopped"
    KEYWORD_SIGN_IP_OR_CLOCK = "keyword_sign_ip_or_clock"
    SIGN_OR_CLOCK = "sign_or_clock"
    IP_NOT_LISTED = "ip_not_listed"
    KEYWORD = "keyword"
    # our own mistakes
    PARAMETER = "parameter"
    METHOD = "method"
    CONTENT_TYPE = "content_type"
    TOO_LARGE = "too_large"
    WRONG_OR_TOO_LARGE = "wrong_or_too_large"
    # nothing came from the channel, or nothing that is listed
    NO_ANSWER = "no_answer"  # no connection, a timeout, a broken connection
    UNREADABLE = "unreadable"
    HTTP = "http"  # a gateway's error, a redirect
    UNLISTED = "unlisted"  # a number that no table of ours explains
    # nothing was sent
    ADDRESS_REFUSED = "address_refused"
    LINK_REFUSED = "link_refused"


@dataclass(frozen=True)
class Verdict:
    """What became of a message: `code` is the channel's number or a short word of ours, `wait` is in seconds.

    How often AGAIN is followed is decided elsewhere; WeCom's BUSY is worth three attempts (WeCom, 91770).
    """

    state: State
    code: str
    wait: int = 0
    meaning: Meaning = Meaning.UNLISTED


# WeCom, 91770 and 90454; DingTalk, custom-robot; Feishu, add-custom-bot.
CODES: dict[Robot, dict[str, Meaning]] = {
    Robot.WECOM: {
        "0": Meaning.TAKEN,
        "-1": Meaning.BUSY,
        "45009": Meaning.TOO_OFTEN,
        "93000": Meaning.GONE,
        "40008": Meaning.PARAMETER,
        "40058": Meaning.PARAMETER,
    },
    Robot.DINGTALK: {
        "0": Meaning.TAKEN,
        "130101": Meaning.TOO_OFTEN,
        "410100": Meaning.TOO_OFTEN,
        "90030": Meaning.QUOTA_USED_UP,
        "310000": Meaning.KEYWORD_SIGN_IP_OR_CLOCK,
        "300001": Meaning.GONE,
        "300005": Meaning.GONE,
        "400101": Meaning.GONE,
        "400106": Meaning.GONE,
        "400013": Meaning.GROUP_DISSOLVED,
        "400102": Meaning.ROBOT_STOPPED,
        "460101": Meaning.TOO_LARGE,
        "40035": Meaning.PARAMETER,
        "43002": Meaning.METHOD,
        "43004": Meaning.CONTENT_TYPE,
    },
    Robot.FEISHU: {
        "0": Meaning.TAKEN,
        "11232": Meaning.BUSY,
        "9499": Meaning.WRONG_OR_TOO_LARGE,  # or TOO_OFTEN: see read_answer
        "19021": Meaning.SIGN_OR_CLOCK,
        "19022": Meaning.IP_NOT_LISTED,
        "19024": Meaning.KEYWORD,
        "19001": Meaning.GONE,  # in no table of the vendor's, but seen by many: "incoming webhook access token invalid"
    },
}
_ENDS = {
    Meaning.TAKEN: State.SENT,
    **dict.fromkeys(
        (
            *(Meaning.GONE, Meaning.GROUP_DISSOLVED, Meaning.ROBOT_STOPPED, Meaning.KEYWORD_SIGN_IP_OR_CLOCK),
            *(Meaning.SIGN_OR_CLOCK, Meaning.IP_NOT_LISTED, Meaning.KEYWORD),
        ),
        State.OFF,
    ),
    **dict.fromkeys(
        (
            *(Meaning.PARAMETER, Meaning.METHOD, Meaning.CONTENT_TYPE),
            *(Meaning.TOO_LARGE, Meaning.WRONG_OR_TOO_LARGE),
        ),
        State.NEVER,
    ),
}
# Every other meaning is AGAIN, after so many seconds.
SHORT_WAIT = 60
_WAITS = {
    (Robot.WECOM, Meaning.BUSY): 30,  # WeCom, 91770
    (Robot.DINGTALK, Meaning.TOO_OFTEN): 600,  # so long it takes nothing more (DingTalk, custom-robot)
    (Robot.DINGTALK, Meaning.QUOTA_USED_UP): 4 * 3600,
    **{(robot, Meaning.UNLISTED): 600 for robot in Robot},
}


def read_answer(robot: Robot, http_status: int, content: bytes) -> Verdict:
    """The verdict on an answer. What is no answer of the channel's own is AGAIN: a notice twice is better than none."""
    if 300 <= http_status < 400 or http_status >= 500:
        return again(f"http_{http_status}", Meaning.HTTP)
    try:
        answer = json.loads(content.decode("utf-8-sig", "replace"), strict=False, object_pairs_hook=unique_keys)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        if http_status == 200:
            return again("no_json", Meaning.UNREADABLE)
        return again(f"http_{http_status}", Meaning.HTTP)
    names = ("code", "StatusCode") if robot is Robot.FEISHU else ("errcode",)  # Feishu once called it StatusCode
    value = next((answer[name] for name in names if name in answer), None)
    match = re.fullmatch(r"\s*(-?[0-9]{1,12})(?:\.0{1,9})?\s*", str(value), re.ASCII)  # it may have come as a float
    if not match:
        return again("no_number", Meaning.UNREADABLE)
    number = int(match[1])
    if number == 0 and http_status != 200:  # it contradicts itself
        return again(f"http_{http_status}", Meaning.HTTP)
    meaning, words = CODES[robot].get(str(number), Meaning.UNLISTED), answer.get("msg")
    if robot is Robot.FEISHU and number == 9499 and isinstance(words, str) and "too many request" in words.lower():
        meaning = Meaning.TOO_OFTEN
    if robot is Robot.WECOM and 40000 <= number <= 49999 and number != 45009:
        meaning = Meaning.PARAMETER  # all of them are about the call (WeCom, 91770)
    state = _ENDS.get(meaning, State.AGAIN)
    wait = _WAITS.get((robot, meaning), SHORT_WAIT) if state is State.AGAIN else 0
    return Verdict(state, str(number), wait, meaning)


def again(code: str, meaning: Meaning) -> Verdict:
    """The verdict where the channel itself said nothing."""
    return Verdict(State.AGAIN, code, SHORT_WAIT, meaning)

"""What can go wrong with a call, sorted by what is known of the world afterwards."""

import enum


class State(enum.StrEnum):
    """What is known of a call."""

    ANSWERED = "answered"  # the ERP carried out the method and said how it went
    NOT_EXECUTED = "not_executed"  # it certainly did nothing
    UNKNOWN = "unknown"  # it may have acted


class Why(enum.StrEnum):
    """Why a call was not executed, or why that is unknown."""

    # not executed
    RATE = "rate"
    CLOCK = "clock"
    SIGN = "sign"  # sid, key, secret or the account itself is not accepted
    IP = "ip"
    PERMISSION = "permission"
    ARGUMENT = "argument"
    ADDRESS = "address"  # it leads into a private network that the server's settings do not list
    UNREACHABLE = "unreachable"  # refused, DNS, TLS, connect timeout: nothing was sent
    # unknown
    TIMEOUT = "timeout"
    CUT = "cut"  # the connection broke after sending
    HTTP = "http"  # an HTTP status other than 200
    UNREADABLE = "unreadable"  # HTML, broken JSON, an answer of another shape
    ERP_ERROR = "erp_error"  # the ERP reports an error of its own

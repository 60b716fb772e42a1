"""What an administrator does with the robots in the groups of a seller account."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from cancellations import robots
from cancellations.models import Event, GroupRobot, Person, Shop
from cancellations.models.secrets import Secret
from cancellations.workflow import permissions
from cancellations.workflow.errors import RobotAddressRefused, RobotNameTaken

MAX_ROBOTS = 10  # of a seller account


@transaction.atomic
def add_robot(shop: Shop, *, by: Person, kind: str, name: str, address: str, secret: str = "") -> GroupRobot:
    """Adds a robot; `address` is its webhook with key or token, `secret` what signs where the chat has it.

    Raises NotAllowed, RobotAddressRefused, RobotNameTaken.
    """
    permissions.check_may_change_shop(by, shop)
    _check_address(kind, address)
    robot = GroupRobot(shop=shop, kind=kind, name=name.strip(), address=Secret(address.strip()))
    if secret.strip():
        robot.secret = Secret(secret.strip())
    _save(robot)
    _tell(Event.Kind.ROBOT_ADDED, robot, by=by)
    return robot


@transaction.atomic
def change_robot(robot: GroupRobot, *, by: Person, name: str, address: str = "", secret: str = "") -> None:
    """Changes the name; an address or a secret that is given takes the place of the stored one. The robot is on again.

    Raises NotAllowed, RobotAddressRefused, RobotNameTaken.
    """
    permissions.check_may_change_shop(by, robot.shop)
    robot.name = name.strip()
    if address.strip():
        _check_address(robot.kind, address)
        robot.address = Secret(address.strip())
    if secret.strip():
        robot.secret = Secret(secret.strip())
    robot.is_active, robot.off_code, robot.off_at = True, "", None
    _save(robot)
    _tell(Event.Kind.ROBOT_CHANGED, robot, by=by, address=bool(address.strip()), secret=bool(secret.strip()))


@transaction.atomic
def switch_robot(robot: GroupRobot, *, by: Person, on: bool) -> None:
    """Switches the robot on or off. Raises NotAllowed."""
    permissions.check_may_change_shop(by, robot.shop)
    robot.is_active, robot.off_code, robot.off_at = on, "", None if on else timezone.now()
    robot.save(update_fields=["is_active", "off_code", "off_at"])
    _tell(Event.Kind.ROBOT_CHANGED, robot, by=by, on=on)


@transaction.atomic
def remove_robot(robot: GroupRobot, *, by: Person) -> None:
    """Removes the robot with what it was still to say. Raises NotAllowed."""
    permissions.check_may_change_shop(by, robot.shop)
    _tell(Event.Kind.ROBOT_REMOVED, robot, by=by)
    robot.delete()


def _check_address(kind: str, address: str) -> None:
    try:
        robots.check_address(robots.Robot(kind), address.strip())
    except robots.AddressRefused as error:
        raise RobotAddressRefused(chat=GroupRobot.Kind(kind).label) from error


def _save(robot: GroupRobot) -> None:
    try:
        with transaction.atomic():
            robot.save()
    except IntegrityError as error:
        raise RobotNameTaken(name=robot.name) from error


def _tell(kind: Event.Kind, robot: GroupRobot, *, by: Person, **data: Any) -> None:
    data |= {"robot": robot.name, "chat": str(robot.kind)}
    Event.write(kind, by=by, shop=robot.shop, at=timezone.now(), **data)

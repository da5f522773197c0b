"""Groups of the consumer protocol (KIP-848), and groups that change over between the protocols."""

import time

from broker import Broker, wait_until
from case import case
from group_watch import WatchedGroup

ASSIGNORS = ("uniform", "range")
NEW = "confluent-new"


def start(t, **settings):
    """Sessions of three seconds, so that nobody has to wait long for the end of one."""
    settings = {
        "group_consumer_min_session_timeout_ms": 1000, "group_consumer_session_timeout_ms": 3000,
        "group_consumer_min_heartbeat_interval_ms": 100, "group_consumer_heartbeat_interval_ms": 300,
        "group_consumer_assignment_interval_ms": 100, "group_min_session_timeout_ms": 1000,
        "group_initial_rebalance_delay_ms": 500, **settings,
    }
    return Broker(t.directory, **settings)


def described(broker, group):
    """(type, state, {member id: client id}) as the coordinator tells them."""
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({"bootstrap.servers": broker.address})
    listed = {one.group_id: one for one in admin.list_consumer_groups().result(20).valid}
    if group not in listed:
        return None
    # Which of the two requests describes a group depends on its type.
    found = admin.describe_consumer_groups([group])[group].result(20)
    members = {member.member_id: member.client_id for member in found.members}
    return listed[group].type.name, found.state.name, members


@case(300)
def consumers_share_under_both_assignors(t):
    with start(t) as broker:
        for assignor in ASSIGNORS:
            with t.step(assignor), WatchedGroup(t, broker, f"new-{assignor}") as group:
                first = group.join("first", NEW, assignor)
                group.settled(first)
                second = group.join("second", NEW, assignor)
                third = group.join("third", NEW, assignor)
                group.balanced(first, second, third)
                assert described(broker, group.name)[0] == "CONSUMER", described(broker, group.name)

                third.leave()
                group.balanced(first, second)
                fourth = group.join("fourth", NEW, assignor)
                group.balanced(first, second, fourth)

                second.kill()
                group.balanced(first, fourth)
                fifth = group.join("fifth", NEW, assignor)
                group.balanced(first, fourth, fifth)

                fourth.pause()
                group.balanced(first, fifth)
                fourth.wake()
                group.balanced(first, fourth, fifth)
                group.finish()


@case(200)
def static_consumers_that_restart_get_their_partitions_back_unnoticed(t):
    with start(t, group_consumer_session_timeout_ms=8000) as broker, WatchedGroup(t, broker, "static") as group:
        first = group.join("first", NEW, "uniform", instance="one")
        second = group.join("second", NEW, "uniform", instance="two")
        third = group.join("third", NEW, "uniform", instance="three")
        group.balanced(first, second, third)
        share = second.owned()
        others = len(first.events_of("revoked")), len(third.events_of("revoked"))
        second.leave()
        assert len(described(broker, group.name)[2]) == 3, "its place is kept"
        again = group.join("second again", NEW, "uniform", instance="two")
        wait_until(lambda: again.owned() == share, f"{again.owned()} is {share}", 20)
        assert (len(first.events_of("revoked")), len(third.events_of("revoked"))) == others
        group.finish()


@case(200)
def a_broker_that_restarts_finds_its_consumer_groups_again(t):
    with start(t, group_consumer_session_timeout_ms=8000) as broker, WatchedGroup(t, broker, "again") as group:
        members = [group.join(name, NEW, "uniform") for name in ("first", "second", "third")]
        group.balanced(*members)
        before = described(broker, group.name)
        for how in ("kill", "stop"):
            broker.restart(how)
            wait_until(lambda: described(broker, group.name) == before, f"{how}: the same members after the restart")
            time.sleep(2)
            group.balanced(*members)
        group.finish()


@case(300)
def a_classic_group_goes_over_to_the_consumer_protocol_and_back(t):
    for client in ("kafka-python", "confluent"):
        with t.step(client), start(t) as broker, WatchedGroup(t, broker, f"migrating-{client}") as group:
            old = [group.join(name, client, "range") for name in ("old one", "old two")]
            group.balanced(*old)
            assert described(broker, group.name)[0] == "CLASSIC"

            new = [group.join("new one", NEW, "uniform")]
            group.balanced(*old, *new)
            kind, _, members = described(broker, group.name)
            assert kind == "CONSUMER" and sorted(members.values()) == sorted([client, client, NEW]), members

            old[0].leave()
            new.append(group.join("new two", NEW, "uniform"))
            group.balanced(old[1], *new)
            old[1].kill()
            group.balanced(*new)

            old = [group.join("old three", client, "range")]
            group.balanced(*old, *new)
            new[0].kill()
            group.balanced(*old, new[1])
            new[1].leave()
            group.settled(*old)
            wait_until(
                lambda: described(broker, group.name)[:2] == ("CLASSIC", "STABLE"), "a classic group again")
            old.append(group.join("old four", client, "range"))
            group.balanced(*old)
            group.finish()


@case(120)
def a_policy_that_forbids_migration_keeps_the_protocols_apart(t):
    with start(t, group_consumer_migration_policy="disabled") as broker, WatchedGroup(t, broker, "apart") as group:
        old = group.join("old", "confluent", "range")
        group.settled(old)
        new = group.join("new", NEW, "uniform")
        wait_until(
            lambda: any("online upgrade is disabled" in event.get("text", "") or "not exist" in event.get("text", "")
                        for event in list(new.events)),
            "the consumer is told so", 30)
        new.kill()
        group.settled(old)
        group.finish()


@case(120)
def a_consumer_that_matches_topics_gets_new_ones(t):
    from confluent_kafka import Consumer
    from confluent_kafka.admin import AdminClient, NewTopic

    with start(t) as broker:
        admin = AdminClient({"bootstrap.servers": broker.address})

        def create(name, partitions):
            admin.create_topics([NewTopic(name, partitions, 1)])[name].result(20)

        create("orders-eu", 3)
        create("other", 2)
        settings = {
            "bootstrap.servers": broker.address, "group.id": "matching", "group.protocol": "consumer",
            "auto.offset.reset": "earliest"}
        consumers = [Consumer(settings), Consumer(settings)]
        for consumer in consumers:
            consumer.subscribe(["^orders-.*"])

        def owned():
            for consumer in consumers:
                consumer.poll(0.05)
            return [{(one.topic, one.partition) for one in consumer.assignment()} for consumer in consumers]

        def share(expected):
            found = owned()
            return found[0] | found[1] == expected and not found[0] & found[1] and all(found)

        expected = {("orders-eu", partition) for partition in range(3)}
        wait_until(lambda: share(expected), "the partitions of orders-eu", 40)
        create("orders-us", 3)
        expected |= {("orders-us", partition) for partition in range(3)}
        wait_until(lambda: share(expected), "the partitions of both", 60)
        admin.delete_topics(["orders-eu"])["orders-eu"].result(20)
        expected = {("orders-us", partition) for partition in range(3)}
        wait_until(lambda: share(expected), "the partitions of orders-us alone", 60)
        for consumer in consumers:
            consumer.close()

"""Groups of the classic protocol with every client that has one."""

import random
import subprocess
import time

from broker import Broker, executable, wait_until
from case import case
from group_watch import WatchedGroup

ASSIGNORS = {
    "confluent": ("range", "roundrobin", "cooperative-sticky"),
    "kafka-python": ("range", "roundrobin", "sticky", "cooperative-sticky"),
    "aiokafka": ("range", "roundrobin", "sticky"),
}


def start(t, **settings):
    return Broker(
        t.directory, group_min_session_timeout_ms=1000, group_initial_rebalance_delay_ms=500, **settings)


def described(broker, group):
    """(state, {member id: client id}) as the coordinator tells them."""
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({"bootstrap.servers": broker.address})
    found = admin.describe_consumer_groups([group])[group].result(20)
    return found.state.name, {member.member_id: member.client_id for member in found.members}


def life_of_a_group(t, broker, client, assignor):
    """Join, leave, crash, pause: after each the rest own everything, and nothing is lost or owned twice."""
    with WatchedGroup(t, broker, f"{client}-{assignor}") as group:
        first = group.join("first", client, assignor)
        group.settled(first)
        second = group.join("second", client, assignor)
        third = group.join("third", client, assignor)
        group.balanced(first, second, third)

        third.leave()
        group.balanced(first, second)
        fourth = group.join("fourth", client, assignor)
        group.balanced(first, second, fourth)

        second.kill()
        group.balanced(first, fourth)
        fifth = group.join("fifth", client, assignor)
        group.balanced(first, fourth, fifth)

        fourth.pause()
        group.balanced(first, fifth)
        fourth.wake()
        group.balanced(first, fourth, fifth)
        # kafka-python's cooperative assignor still claims what its member has lost, so a leader hands that over in one
        # generation instead of two: both members learn of it at about the same time.
        claims_lost = client == "kafka-python" and assignor == "cooperative-sticky"
        group.finish(overlap_seconds=0.5 if claims_lost else 0)


@case(400)
def confluent_members_share_under_every_assignor(t):
    with start(t) as broker:
        for assignor in ASSIGNORS["confluent"]:
            with t.step(assignor):
                life_of_a_group(t, broker, "confluent", assignor)


@case(500)
def kafka_python_members_share_under_every_assignor(t):
    with start(t) as broker:
        for assignor in ASSIGNORS["kafka-python"]:
            with t.step(assignor):
                life_of_a_group(t, broker, "kafka-python", assignor)


@case(400)
def aiokafka_members_share_under_every_assignor(t):
    with start(t) as broker:
        for assignor in ASSIGNORS["aiokafka"]:
            with t.step(assignor):
                life_of_a_group(t, broker, "aiokafka", assignor)


@case(300)
def static_members_that_restart_get_their_partitions_back_unnoticed(t):
    with start(t) as broker:
        for client in ASSIGNORS:
            with t.step(client), WatchedGroup(t, broker, f"static-{client}", session_ms=8000) as group:
                first = group.join("first", client, "range", instance="one")
                second = group.join("second", client, "range", instance="two")
                third = group.join("third", client, "range", instance="three")
                group.balanced(first, second, third)
                share = second.owned()
                others = len(first.events_of("revoked")), len(third.events_of("revoked"))
                second.kill()
                again = group.join("second again", client, "range", instance="two")
                wait_until(lambda: again.owned() == share, f"{again.owned()} is {share}", 20)
                assert (len(first.events_of("revoked")), len(third.events_of("revoked"))) == others
                state, members = described(broker, group.name)
                assert state == "STABLE" and len(members) == 3, (state, members)
                # The leader's restart is no different.
                leader_share = first.owned()
                first.kill()
                leader = group.join("first again", client, "range", instance="one")
                wait_until(lambda: leader.owned() == leader_share, f"{leader.owned()} is {leader_share}", 20)
                group.settled(leader, again, third)
                group.finish()


@case(200)
def an_orderly_end_of_a_static_member_keeps_its_place(t):
    with start(t) as broker, WatchedGroup(t, broker, "keeps", session_ms=6000) as group:
        first = group.join("first", "kafka-python", "range", instance="one")
        second = group.join("second", "kafka-python", "range", instance="two")
        group.balanced(first, second)
        second.leave()
        assert len(described(broker, group.name)[1]) == 2
        assert len(first.owned()) == 6
        # It does not come back, so its session ends.
        group.settled(first)
        group.finish()


@case(200)
def members_of_every_client_share_one_group(t):
    with start(t) as broker:
        for assignor in ("range", "roundrobin"):
            with t.step(assignor), WatchedGroup(t, broker, f"mixed-{assignor}") as group:
                members = [group.join(client, client, assignor) for client in ASSIGNORS]
                group.balanced(*members)
                names = sorted(described(broker, group.name)[1].values())
                assert names == sorted(ASSIGNORS), names
                members[0].kill()
                group.balanced(*members[1:])
                members[0] = group.join("again", "confluent", assignor)
                group.balanced(*members)
                members[1].pause()
                group.balanced(members[0], members[2])
                members[1].wake()
                group.balanced(*members)
                group.finish()


@case(200)
def members_without_a_common_assignor_are_refused(t):
    with start(t) as broker, WatchedGroup(t, broker, "strict") as group:
        first = group.join("first", "confluent", "range")
        group.settled(first)
        other = group.join("other", "confluent", "roundrobin")
        wait_until(
            lambda: any("Inconsistent group protocol" in event.get("text", "") for event in list(other.events)),
            "a member without a common protocol is told so")
        other.kill()
        group.settled(first)
        group.finish()


@case(300)
def a_broker_that_restarts_finds_its_groups_again(t):
    with start(t) as broker:
        for client in ASSIGNORS:
            with t.step(client), WatchedGroup(t, broker, f"again-{client}", session_ms=6000) as group:
                members = [group.join(name, client, "range") for name in ("first", "second")]
                group.balanced(*members)
                before = described(broker, group.name)[1]
                broker.restart("kill")
                wait_until(
                    lambda: described(broker, group.name) == ("STABLE", before), "the same members after the restart")
                time.sleep(3)
                group.balanced(*members)
                group.finish()


@case(600)
def groups_go_on_from_their_last_commit_whenever_the_broker_is_killed(t):
    with start(t) as broker, WatchedGroup(t, broker, "killed") as group:
        members = [group.join(client, client, "range") for client in ASSIGNORS]
        group.settled(*members)
        dice = random.Random(5)
        for number in range(50 if t.is_long else 8):
            # Somebody always comes or goes, so that the broker dies in joins and syncs as well as in commits.
            guest = group.join(f"guest {number}", dice.choice(list(ASSIGNORS)), "range")
            time.sleep(dice.uniform(0.2, 2.5))
            if number % 2:
                guest.kill()
                time.sleep(dice.uniform(0, 0.3))
            before = time.monotonic()
            broker.restart("kill")
            acknowledged, found = group.acknowledged(before), group.committed_now()
            assert all(map(int.__ge__, found, acknowledged)), (number, found, acknowledged)
            if guest.process.poll() is None:
                guest.kill()
        group.settled(*members, seconds=60)
        group.finish(overlap_seconds=0.5)


@case(120)
def a_member_that_reads_nothing_keeps_its_partitions_by_heartbeats(t):
    with start(t) as broker:
        from kafka import KafkaConsumer

        subprocess.run(
            [executable(), "topics", "--bootstrap-server", broker.address, "--create", "--topic", "idle",
             "--partitions", "3"], check=True, timeout=30, stdout=subprocess.DEVNULL)
        consumer = KafkaConsumer(
            "idle", bootstrap_servers=broker.address, group_id="idle", session_timeout_ms=2000,
            heartbeat_interval_ms=300, max_poll_interval_ms=60000)
        wait_until(lambda: consumer.poll(100) is not None and len(consumer.assignment()) == 3, "an assignment")
        time.sleep(6)
        assert described(broker, "idle")[0] == "STABLE"
        assert len(described(broker, "idle")[1]) == 1
        consumer.close()
        assert described(broker, "idle")[0] == "EMPTY"

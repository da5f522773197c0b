import CommandLine
import Testing

@testable import Commands

/// What goes together on the command line of `skafka consumer-groups`, and in which words the rest is refused.
@Suite struct ConsumerGroupsTests {
    /// The first line of what is told for a command line that names a server nobody listens at.
    private func complaint(_ words: String..., tool: String = "consumer-groups") -> String {
        let session = Session()
        #expect(session.run([tool, "--bootstrap-server", "127.0.0.1:1"] + words) == 1)
        #expect(session.printed.isEmpty)
        return String(session.told.split(separator: "\n").first ?? "")
    }

    @Test func `exactly one action`() {
        let action =
            "Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets, "
            + "--validate-regex"
        #expect(complaint("--group", "g") == action)
        #expect(complaint("--list", "--delete", "--all-groups") == action)
    }

    @Test func `what goes together`() {
        #expect(complaint("--describe") == "Option [describe] takes one of these options: [group], [all-groups]")
        #expect(complaint("--delete") == "Option [delete] takes one of these options: [group], [all-groups]")
        #expect(
            complaint("--reset-offsets", "--dry-run")
                == "Option [reset-offsets] takes one of these options: [group], [all-groups]")
        #expect(
            complaint("--describe", "--group", "g", "--members", "--state")
                == "Option [describe] takes at most one of these options: [members], [offsets], [state]")
        #expect(
            complaint("--describe", "--group", "g", "--state", "stable")
                == "Option [describe] does not take a value for [state]")
        #expect(
            complaint("--delete", "--group", "g", "--topic", "t")
                == "The consumer does not support topic-specific offset deletion from a consumer group.")
        #expect(
            complaint("--delete-offsets", "--group", "g")
                == "Option [delete-offsets] takes the following options: [group], [topic]")
        #expect(
            complaint("--reset-offsets", "--group", "g", "--dry-run", "--execute")
                == "Option [reset-offsets] only accepts one of [execute] and [dry-run]")
        #expect(
            complaint("--reset-offsets", "--group", "g", "--to-earliest", "--to-latest", "--topic", "t")
                == "Option \"[to-earliest]\" can't be used with option \"[to-latest]\"")
        #expect(
            complaint("--describe", "--group", "g", "--all-groups")
                == "Option \"[group]\" can't be used with option \"[all-groups]\"")
        #expect(complaint("--list", "--group", "g") == "Option \"[group]\" can't be used with option \"[list]\"")
        #expect(
            complaint("--describe", "--group", "g", "--topic", "t")
                == "Option \"[topic]\" can't be used with option \"[describe]\"")
        #expect(
            complaint("--list", "--members")
                == "Option(s) [members] are unavailable given other options on the command line")
        #expect(
            complaint("--list", "--execute") == "Option \"[execute]\" can't be used with option \"[list]\"")
        #expect(
            complaint("--describe", "--group", "g", "--members", "--lag-seconds")
                == "Option \"[lag-seconds]\" can't be used with option \"[members]\"")
        #expect(complaint("--list", "--watch", "soon") == "Cannot parse argument 'soon' of option watch")
    }

    @Test func `what is wrong with a value`() {
        #expect(
            complaint("--list", "--state", "happy")
                == "Invalid state list 'happy'. Valid states are: Assigning, CompletingRebalance, Dead, Empty, "
                + "PreparingRebalance, Reconciling, Stable")
        #expect(
            complaint("--list", "--type", "share") == "Invalid types list 'share'. Valid types are: Classic, Consumer")
        let reset = ["--reset-offsets", "--group", "g", "--dry-run", "--to-earliest"]
        func refused(_ words: String...) -> String {
            let session = Session()
            #expect(session.run(["consumer-groups", "--bootstrap-server", "127.0.0.1:1"] + reset + words) == 1)
            return String(session.told.split(separator: "\n").first ?? "")
        }
        #expect(refused("--topic", "t:x") == "Invalid partition 'x' specified in topic arg 't:x''")
        #expect(refused("--topic", "t:") == "Invalid topic arg 't:', expected topic name and partitions")
        #expect(refused("--topic", "t:1:2") == "Invalid topic arg 't:1:2', expected topic name and partitions")
        #expect(refused() == "One of the reset scopes should be defined: --all-topics, --topic.")
    }

    @Test func `a reset says what it lacks`() {
        func told(_ words: String...) -> String {
            let session = Session()
            let all = ["consumer-groups", "--bootstrap-server", "127.0.0.1:1", "--reset-offsets", "--group", "g"]
            #expect(session.run(all + ["--topic", "t"] + words) == 1)
            return session.told
        }
        #expect(
            told("--dry-run").hasPrefix(
                "Option '[reset-offsets]' requires one of the following scenarios: [[to-offset], [shift-by], "
                    + "[to-datetime], [by-duration], [to-earliest], [to-latest], [to-current], [from-file]]\n"))
        let failed = "\nError: Executing consumer group command failed due to "
        #expect(
            told("--dry-run", "--to-datetime", "2026-01-31").hasPrefix(
                failed + "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format\n"))
        #expect(
            told("--dry-run", "--to-datetime", "2026-01-99T00:00:00").hasPrefix(
                failed + "Unparseable date: \"2026-01-99T00:00:00\"\n"))
        #expect(
            told("--dry-run", "--by-duration", "1 day").hasPrefix(
                failed + "Text cannot be parsed to a Duration\n"))
        #expect(
            told("--dry-run", "--from-file", "/nonexistent/plan").hasPrefix(failed + "cannot open /nonexistent/plan: "))
        #expect(told("--to-earliest").hasPrefix(ConsumerGroupsRequest.idle + "\n"))
    }

    @Test func `a regular expression is looked at without a cluster`() {
        let session = Session()
        #expect(
            session.transcript("consumer-groups", "--validate-regex", "orders-.*") == """
                0
                The regular expression `orders-.*` is valid.

                """)
        #expect(
            session.transcript("consumer-groups", "--validate-regex", "orders-(") == """
                1
                The regular expression `orders-(` is invalid: missing closing ).

                """)
        #expect(
            session.transcript("consumer-groups", "--validate-regex", "*a") == """
                1
                The regular expression `*a` is invalid: missing argument to repetition operator.

                """)
        #expect(
            session.transcript("consumer-groups", "--validate-regex", "a(?=b)") == """
                1
                The regular expression `a(?=b)` is invalid: invalid or unsupported Perl syntax.

                """)
    }

    @Test func `groups of all kinds are listed, and no more than that`() {
        #expect(
            complaint("--consumer", tool: "groups") == "Command must include exactly one action: --list.")
        #expect(
            complaint("--list", "--group-type", "streets", tool: "groups")
                == "--group-type must be a valid group type.")
        #expect(
            complaint("--list", "--consumer", "--protocol", "x", tool: "groups")
                == "Option \"[consumer]\" can't be used with option \"[protocol]\"")
        #expect(
            complaint("--list", "--streams", "--share", tool: "groups")
                == "Option \"[share]\" can't be used with option \"[streams]\"")
    }
}

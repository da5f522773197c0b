import CommandLine
import KafkaClient

/// `skafka broker-api-versions`.
enum BrokerAPIVersions {
    static let declaration = Command(
        "broker-api-versions", summary: "Show which requests the brokers understand",
        description: [
            "Asks every broker of the cluster which versions of which requests it serves, and prints them beside the "
                + "newest one that this program could use. A broker that does not answer has a line with the reason, and "
                + "the exit code is 1."
        ],
        options: ClientOptions.all + [OutputForm.option],
        examples: [
            Command.Example(
                "skafka broker-api-versions --bootstrap-server localhost:9092 --output csv",
                does: "Show the versions as a table for a program.")
        ],
        isKafkaTool: true,
        classNames: ["org.apache.kafka.tools.BrokerApiVersionsCommand", "kafka.admin.BrokerApiVersionsCommand"])

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let form = try OutputForm(arguments)
        return try ClientOptions.withAdmin(
            arguments, environment, clientID: "admin-1", attempt: "ask for versions",
            defaults: ["request.timeout.ms": "5000"]
        ) { (admin) throws(ClientError) in
            let report = NodeVersionsReport.ask(admin, try admin.describeCluster().brokers)
            report.print(form, environment)
            return report.hasFailed ? .failed : .done
        }
    }
}

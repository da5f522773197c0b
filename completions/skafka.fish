# Completion of skafka and of the names of Kafka's scripts for fish.

function __skafka_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l program skafka
    if string match -qr '(^|/)skafka$' -- $words[1]; and test -x $words[1]
        set program $words[1]
    end
    set -l answer (command $program complete fish -- $words 2>/dev/null)
    for line in $answer[2..-1]
        echo $line
    end
    if string match -q 'files*' -- $answer[1]
        set -l front (string sub -s 6 -- $answer[1])
        for path in (__fish_complete_path (string sub -s (math 1 + (string length -- $front)) -- (commandline -ct)))
            echo $front$path
        end
    end
end

for name in skafka kafka-server-start.sh kafka-server-start kafka-server-stop.sh kafka-server-stop kafka-storage.sh kafka-storage kafka-dump-log.sh kafka-dump-log kafka-topics.sh kafka-topics kafka-configs.sh kafka-configs kafka-log-dirs.sh kafka-log-dirs kafka-console-producer.sh kafka-console-producer kafka-verifiable-producer.sh kafka-verifiable-producer kafka-producer-perf-test.sh kafka-producer-perf-test kafka-get-offsets.sh kafka-get-offsets kafka-consumer-groups.sh kafka-consumer-groups kafka-groups.sh kafka-groups kafka-delete-records.sh kafka-delete-records kafka-leader-election.sh kafka-leader-election kafka-broker-api-versions.sh kafka-broker-api-versions kafka-cluster.sh kafka-cluster kafka-metadata-quorum.sh kafka-metadata-quorum kafka-features.sh kafka-features kafka-replica-verification.sh kafka-replica-verification kafka-run-class.sh kafka-run-class kafka-console-consumer.sh kafka-console-consumer kafka-consumer-perf-test.sh kafka-consumer-perf-test kafka-verifiable-consumer.sh kafka-verifiable-consumer kafka-e2e-latency.sh kafka-e2e-latency
    complete -c $name -f -a '(__skafka_complete)'
end

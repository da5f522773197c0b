# Completion of skafka and of the names of Kafka's scripts for bash.

_skafka() {
    local program=skafka line=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]} files candidate
    [[ ${COMP_WORDS[0]##*/} == skafka && -x ${COMP_WORDS[0]} ]] && program=${COMP_WORDS[0]}
    COMPREPLY=()
    [[ $word == [=:] ]] && word=
    local whole=${line##*[[:space:]]}
    local front=${whole%"$word"}
    {
        IFS= read -r files
        while IFS=$'\t' read -r candidate _; do
            COMPREPLY+=("${candidate#"$front"}")
        done
    } < <(command "$program" complete bash "$line" 2>/dev/null)
    if [[ $files == files* ]]; then
        compopt -o filenames 2>/dev/null
        COMPREPLY+=($(compgen -f -- "$word"))
    fi
}

complete -F _skafka skafka kafka-server-start.sh kafka-server-start kafka-server-stop.sh kafka-server-stop kafka-storage.sh kafka-storage kafka-dump-log.sh kafka-dump-log kafka-topics.sh kafka-topics kafka-configs.sh kafka-configs kafka-log-dirs.sh kafka-log-dirs kafka-console-producer.sh kafka-console-producer kafka-verifiable-producer.sh kafka-verifiable-producer kafka-producer-perf-test.sh kafka-producer-perf-test kafka-get-offsets.sh kafka-get-offsets kafka-consumer-groups.sh kafka-consumer-groups kafka-groups.sh kafka-groups kafka-delete-records.sh kafka-delete-records kafka-leader-election.sh kafka-leader-election kafka-broker-api-versions.sh kafka-broker-api-versions kafka-cluster.sh kafka-cluster kafka-metadata-quorum.sh kafka-metadata-quorum kafka-features.sh kafka-features kafka-replica-verification.sh kafka-replica-verification kafka-run-class.sh kafka-run-class kafka-console-consumer.sh kafka-console-consumer kafka-consumer-perf-test.sh kafka-consumer-perf-test kafka-verifiable-consumer.sh kafka-verifiable-consumer kafka-e2e-latency.sh kafka-e2e-latency

# Completion of skafka for bash. Generated from the declarations of the commands.

_skafka() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -*) break ;;
            *) path+="${path:+ }${COMP_WORDS[i]}" ;;
        esac
    done
    COMPREPLY=()
    case $path in
        'server-start'*)
            case $previous in
                --override) return ;;
            esac
            COMPREPLY=($(compgen -W '-daemon --override --help --version' -- "$word"))
            [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- "$word"))
            ;;
        'server-stop')
            case $previous in
                --node-id) return ;;
                --process-role) COMPREPLY=($(compgen -W 'broker controller' -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W '--node-id --process-role --help --version' -- "$word"))
            ;;
        'dev'*)
            case $previous in
                --topic) return ;;
                --override) return ;;
                --port) return ;;
                --log) COMPREPLY=($(compgen -f -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W '--topic --override --port --log --keep --help --version' -- "$word"))
            ;;
        'storage')
            case $previous in
            esac
            COMPREPLY=($(compgen -W 'info format version-mapping feature-dependencies random-uuid --help' -- "$word"))
            ;;
        'dump-log')
            case $previous in
                --files) COMPREPLY=($(compgen -f -- "$word")); return ;;
                --max-message-size) return ;;
                --max-bytes) return ;;
                --key-decoder-class) COMPREPLY=($(compgen -W 'string bytes integer long' -- "$word")); return ;;
                --value-decoder-class) COMPREPLY=($(compgen -W 'string bytes integer long' -- "$word")); return ;;
                --output) COMPREPLY=($(compgen -W 'text json jsonl' -- "$word")); return ;;
                --explain) return ;;
                --from-offset) return ;;
                --to-offset) return ;;
                --from-time) return ;;
                --to-time) return ;;
                --key) return ;;
            esac
            COMPREPLY=($(compgen -W '--files --print-data-log --deep-iteration --verify-index-only --index-sanity-check --max-message-size --max-bytes --key-decoder-class --value-decoder-class --offsets-decoder --transaction-log-decoder --cluster-metadata-decoder --remote-log-metadata-decoder --share-group-state-decoder --skip-record-metadata --output --explain --summary --follow --from-offset --to-offset --from-time --to-time --key --help --version' -- "$word"))
            ;;
        'log')
            case $previous in
            esac
            COMPREPLY=($(compgen -W 'list verify repair cat --help' -- "$word"))
            ;;
        'log-dirs')
            case $previous in
                --bootstrap-server) return ;;
                --command-config) COMPREPLY=($(compgen -f -- "$word")); return ;;
                --topic-list) return ;;
                --broker-list) return ;;
                --output) COMPREPLY=($(compgen -W 'text table json jsonl yaml csv' -- "$word")); return ;;
                --replica) return ;;
                --to) COMPREPLY=($(compgen -f -- "$word")); return ;;
                --broker) return ;;
            esac
            COMPREPLY=($(compgen -W '--bootstrap-server --command-config --describe --topic-list --broker-list --output --alter --replica --to --broker --wait --help --version' -- "$word"))
            ;;
        'help'*)
            case $previous in
            esac
            COMPREPLY=($(compgen -W '--help --version' -- "$word"))
            ;;
        'storage info')
            case $previous in
                --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W '--config --help' -- "$word"))
            ;;
        'storage format')
            case $previous in
                --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
                --cluster-id|-t) return ;;
                --add-scram|-S) return ;;
                --release-version|-r) return ;;
                --feature|-f) return ;;
                --initial-controllers|-I) return ;;
            esac
            COMPREPLY=($(compgen -W '--config --cluster-id --add-scram --ignore-formatted --release-version --feature --standalone --no-initial-controllers --initial-controllers --help' -- "$word"))
            ;;
        'storage version-mapping')
            case $previous in
                --release-version|-r) return ;;
            esac
            COMPREPLY=($(compgen -W '--release-version --help' -- "$word"))
            ;;
        'storage feature-dependencies')
            case $previous in
                --feature|-f) return ;;
            esac
            COMPREPLY=($(compgen -W '--feature --help' -- "$word"))
            ;;
        'storage random-uuid')
            case $previous in
            esac
            COMPREPLY=($(compgen -W '--help' -- "$word"))
            ;;
        'log list'*)
            case $previous in
                --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
                --topic|-t) return ;;
                --output|-o) COMPREPLY=($(compgen -W 'text table json jsonl yaml csv' -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W '--config --topic --output --help' -- "$word"))
            [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- "$word"))
            ;;
        'log verify'*)
            case $previous in
                --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
                --topic|-t) return ;;
                --output|-o) COMPREPLY=($(compgen -W 'text json jsonl' -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W '--config --topic --deep --strict --output --help' -- "$word"))
            [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- "$word"))
            ;;
        'log repair'*)
            case $previous in
                --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
                --topic|-t) return ;;
                --keep) COMPREPLY=($(compgen -f -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W '--config --topic --deep --cut --execute --keep --help' -- "$word"))
            [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- "$word"))
            ;;
        'log cat'*)
            case $previous in
                --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
                --topic|-t) return ;;
                --partition|-p) return ;;
                --from-offset) return ;;
                --to-offset) return ;;
                --from-time) return ;;
                --to-time) return ;;
                --max-records|-n) return ;;
                --isolation) COMPREPLY=($(compgen -W 'read_committed read_uncommitted' -- "$word")); return ;;
                --separator) return ;;
                --format|-f) return ;;
                --null) return ;;
                --output|-o) COMPREPLY=($(compgen -W 'text json jsonl' -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W '--config --topic --partition --from-offset --to-offset --from-time --to-time --max-records --isolation --key --separator --format --null --skip-damaged --output --help' -- "$word"))
            [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- "$word"))
            ;;
        '') COMPREPLY=($(compgen -W 'server-start server-stop dev storage dump-log log log-dirs help --help --version' -- "$word")) ;;
    esac
}

complete -o filenames -F _skafka skafka

# Completion of skafka for fish. Generated from the declarations of the commands.

complete -c skafka -f
complete -c skafka -n __fish_use_subcommand -a server-start -d 'Start a broker.'
complete -c skafka -n __fish_use_subcommand -a server-stop -d 'Stop the brokers of this machine.'
complete -c skafka -n __fish_use_subcommand -a storage -d 'Format the log directories of a broker and tell about them.'
complete -c skafka -n __fish_use_subcommand -a log -d 'List, check, mend and print logs without a broker.'
complete -c skafka -n __fish_use_subcommand -a help -d 'Show what the commands do.'
complete -c skafka -n __fish_use_subcommand -l help -s h -d 'Print this help.'
complete -c skafka -n __fish_use_subcommand -l version -d 'Print the version.'

complete -c skafka -n '__fish_seen_subcommand_from server-start' -o daemon -d 'Run in the background; return when the broker serves, or tell why it does not.'
complete -c skafka -n '__fish_seen_subcommand_from server-start' -l override -x -d 'Set a property instead of, or on top of, what the file says.'
complete -c skafka -n '__fish_seen_subcommand_from server-start' -l help -s h -d 'Print this help.'
complete -c skafka -n '__fish_seen_subcommand_from server-start' -l version -d 'Print the version.'
complete -c skafka -n '__fish_seen_subcommand_from server-start' -F

complete -c skafka -n '__fish_seen_subcommand_from server-stop' -l node-id -x -d 'Stop only the node of this id.'
complete -c skafka -n '__fish_seen_subcommand_from server-stop' -l process-role -x -a 'broker controller' -d 'Stop only nodes of this role.'
complete -c skafka -n '__fish_seen_subcommand_from server-stop' -l help -s h -d 'Print this help.'
complete -c skafka -n '__fish_seen_subcommand_from server-stop' -l version -d 'Print the version.'

complete -c skafka -n '__fish_seen_subcommand_from storage; and not __fish_seen_subcommand_from info format version-mapping feature-dependencies random-uuid' -a info -d 'Tell what the log directories are formatted for.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and not __fish_seen_subcommand_from info format version-mapping feature-dependencies random-uuid' -a format -d 'Format the log directories.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and not __fish_seen_subcommand_from info format version-mapping feature-dependencies random-uuid' -a version-mapping -d 'Show the features of a release.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and not __fish_seen_subcommand_from info format version-mapping feature-dependencies random-uuid' -a feature-dependencies -d 'Show what the level of a feature needs.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and not __fish_seen_subcommand_from info format version-mapping feature-dependencies random-uuid' -a random-uuid -d 'Print a random id for a cluster.'
complete -c skafka -n '__fish_seen_subcommand_from storage' -l help -s h -d 'Print this help.'

complete -c skafka -n '__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from list verify repair cat' -a list -d 'List the partitions with their sizes and offsets.'
complete -c skafka -n '__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from list verify repair cat' -a verify -d 'Check every batch, index, snapshot and checkpoint.'
complete -c skafka -n '__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from list verify repair cat' -a repair -d 'Mend what verify finds, after showing how.'
complete -c skafka -n '__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from list verify repair cat' -a cat -d 'Print the records of partitions.'
complete -c skafka -n '__fish_seen_subcommand_from log' -l help -s h -d 'Print this help.'

complete -c skafka -n '__fish_seen_subcommand_from help' -l help -s h -d 'Print this help.'
complete -c skafka -n '__fish_seen_subcommand_from help' -l version -d 'Print the version.'

complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from info' -l config -s c -r -F -d 'The properties file of the broker.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from info' -l help -s h -d 'Print this help.'

complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from format' -l config -s c -r -F -d 'The properties file of the broker.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from format' -l cluster-id -s t -x -d 'The id of the cluster.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from format' -l add-scram -s S -x -d 'A credential for SCRAM, such as SCRAM-SHA-256=[name=alice,password=secret]. Not served by this version.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from format' -l ignore-formatted -s g -d 'Leave directories that are formatted as they are.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from format' -l release-version -s r -x -d 'The release whose metadata the cluster starts with, such as 3.9 or 4.0-IV3. Without one 3.9, which every later Kafka reads too.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from format' -l feature -s f -x -d 'The level of a feature, such as kraft.version=1.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from format' -l standalone -s s -d 'Make this node the only voter of a dynamic quorum.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from format' -l no-initial-controllers -s N -d 'Make no voters of a dynamic quorum.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from format' -l initial-controllers -s I -x -d 'The voters of a dynamic quorum: id@host:port:directory-id,... In this version only this node.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from format' -l help -s h -d 'Print this help.'

complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from version-mapping' -l release-version -s r -x -d 'The release; without one, the newest that is known.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from version-mapping' -l help -s h -d 'Print this help.'

complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from feature-dependencies' -l feature -s f -x -d 'The feature and its level.'
complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from feature-dependencies' -l help -s h -d 'Print this help.'

complete -c skafka -n '__fish_seen_subcommand_from storage; and __fish_seen_subcommand_from random-uuid' -l help -s h -d 'Print this help.'

complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from list' -l config -s c -r -F -d 'The properties file of a broker: its log directories are taken, and a path may be a partition\'s name.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from list' -l topic -s t -x -d 'Only this topic; may be given several times.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from list' -l output -s o -x -a 'text json jsonl' -d 'text, json (one document) or jsonl (one a line).'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from list' -l help -s h -d 'Print this help.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from list' -F

complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from verify' -l config -s c -r -F -d 'The properties file of a broker: its log directories are taken, and a path may be a partition\'s name.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from verify' -l topic -s t -x -d 'Only this topic; may be given several times.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from verify' -l deep -d 'Unpack every batch and check each record too.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from verify' -l strict -d 'Take for damage too what the next start of a broker would clear away by itself.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from verify' -l output -s o -x -a 'text json jsonl' -d 'text, json (one document) or jsonl (one a line).'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from verify' -l help -s h -d 'Print this help.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from verify' -F

complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from repair' -l config -s c -r -F -d 'The properties file of a broker: its log directories are taken, and a path may be a partition\'s name.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from repair' -l topic -s t -x -d 'Only this topic; may be given several times.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from repair' -l deep -d 'Unpack every batch and check each record too.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from repair' -l cut -d 'Where batches are damaged, end the log in front of the first of them. Everything behind it is lost to readers; a copy is kept.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from repair' -l execute -d 'Do it; without this, it is only shown, or asked about on a terminal.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from repair' -l keep -r -F -d 'Where the copies go, in a new directory skafka-repair-TIME. Without it, beside the data directory.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from repair' -l help -s h -d 'Print this help.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from repair' -F

complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l config -s c -r -F -d 'The properties file of a broker: its log directories are taken, and a path may be a partition\'s name.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l topic -s t -x -d 'Only this topic; may be given several times.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l partition -s p -x -d 'Only partitions with this number.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l from-offset -x -d 'The first offset.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l to-offset -x -d 'The offset to end in front of.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l from-time -x -d 'The first timestamp: milliseconds since 1970, or 2026-01-31T23:59:59.000Z.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l to-time -x -d 'The timestamp to end in front of.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l max-records -s n -x -d 'End after so many records.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l isolation -x -a 'read_committed read_uncommitted' -d 'read_committed, which leaves out what was aborted or is undecided, or read_uncommitted. Without one, read_committed.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l key -s k -d 'Print the key in front of the value.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l separator -x -d 'What stands between key and value; without one, a tab.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l format -s f -x -d 'How to print a record: %t topic, %p partition, %o offset, %T timestamp, %k key, %v value, %h headers, %K and %V their sizes, %% a percent sign; \\n \\t \\r \\0 \\xHH \\\\.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l null -x -d 'What stands for a key or value that is null; without one, null.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l skip-damaged -d 'Pass over damaged batches instead of ending there.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l output -s o -x -a 'text json jsonl' -d 'text, json (one document) or jsonl (one a line).'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -l help -s h -d 'Print this help.'
complete -c skafka -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -F

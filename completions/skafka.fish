# Completion of skafka for fish. Generated from the declarations of the commands.

complete -c skafka -f
complete -c skafka -n __fish_use_subcommand -a server-start -d 'Start a broker.'
complete -c skafka -n __fish_use_subcommand -a server-stop -d 'Stop the brokers of this machine.'
complete -c skafka -n __fish_use_subcommand -a storage -d 'Format the log directories of a broker and tell about them.'
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

/// Completion scripts for the shells. They are small: what may stand at the cursor, the program itself says
/// (`skafka complete`), from the declarations and, for the names of topics and the like, from the cluster. Thus they never
/// lag behind the program.
///
/// The first line of its answer says whether files are wanted too, with what stands in front of them in the word; each
/// other line is a candidate, a tab and its help.
public enum ShellCompletion {
    public enum Shell: String, CaseIterable, Sendable { case bash, zsh, fish }

    /// The names of Kafka's scripts under which the program may be called.
    public static func scriptNames(_ commands: [Command]) -> [String] {
        commands.compactMap(\.scriptName).flatMap { ["\($0).sh", $0] }
    }

    public static func script(_ shell: Shell, commands: [Command]) -> String {
        let names = (["skafka"] + scriptNames(commands)).joined(separator: " ")
        return switch shell {
        case .bash: bash(names)
        case .zsh: zsh(names)
        case .fish: fish(names)
        }
    }

    /// bash splits words also at `=` and `:`, so the line goes out whole, and what is in front of the last `=` or `:` is
    /// taken off the candidates.
    private static func bash(_ names: String) -> String {
        """
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
                while IFS=$'\\t' read -r candidate _; do
                    COMPREPLY+=("${candidate#"$front"}")
                done
            } < <(command "$program" complete bash "$line" 2>/dev/null)
            if [[ $files == files* ]]; then
                compopt -o filenames 2>/dev/null
                COMPREPLY+=($(compgen -f -- "$word"))
            fi
        }

        complete -F _skafka \(names)

        """
    }

    private static func zsh(_ names: String) -> String {
        """
        #compdef \(names)
        # Completion of skafka and of the names of Kafka's scripts for zsh.

        _skafka() {
            local program=skafka files line
            [[ ${words[1]:t} == skafka && -x ${words[1]} ]] && program=${words[1]}
            local -a answer candidates
            answer=("${(@f)$(command $program complete zsh -- "${(@Q)words[1,CURRENT]}" 2>/dev/null)}")
            files=${answer[1]}
            for line in "${(@)answer[2,-1]}"; do
                candidates+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}")
            done
            (( ${#candidates} )) && _describe -V 'skafka' candidates
            if [[ $files == files* ]]; then
                [[ -n ${files#files} ]] && compset -P '*='
                _files
            fi
        }

        _skafka "$@"

        """
    }

    private static func fish(_ names: String) -> String {
        """
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

        for name in \(names)
            complete -c $name -f -a '(__skafka_complete)'
        end

        """
    }
}

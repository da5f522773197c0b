extension Command {
    /// The declaration as a JSON document, for programs that build on the command line.
    public func helpJSON(path: [String] = [], name: String? = nil, program: String = "skafka") -> String {
        let chain = chain(path)
        let names = [name ?? "\(program) \(self.name)"] + chain.dropFirst().map(\.name)
        return chain[chain.count - 1].declaration(names.joined(separator: " ")).indentedJSON(.plain) + "\n"
    }

    /// The same for a program and all its commands.
    public func helpJSON(commands: [Command]) -> String {
        let value = StructuredValue.object(
            members(name) + [
                .init("commands", .list(commands.filter { !$0.isHidden }.map { $0.declaration("\(name) \($0.name)") }))
            ])
        return value.indentedJSON(.plain) + "\n"
    }

    private func declaration(_ fullName: String) -> StructuredValue {
        let visible = subcommands.filter { !$0.isHidden }
        guard !visible.isEmpty else { return .object(members(fullName)) }
        return .object(
            members(fullName) + [.init("commands", .list(visible.map { $0.declaration("\(fullName) \($0.name)") }))])
    }

    private func members(_ fullName: String) -> [StructuredValue.Member] {
        [
            .init("name", .string(fullName)),
            .init("summary", .string(sentence(summary))),
            .init("dialect", .string(dialect.rawValue)),
            .init("isKafkaTool", .bool(isKafkaTool)),
            .init("classNames", .list(classNames.map { .string($0) })),
            .init("description", .list(description.map { .string($0) })),
            .init("options", .list(allOptions.map(\.declaration))),
            .init("requiredGroups", .list(requiredGroups.map { .string($0) })),
            .init(
                "operands",
                .list(
                    operands.map {
                        [
                            "name": .string($0.name), "help": .string($0.help),
                            "isRepeatable": .bool($0.isRepeatable), "completes": .string($0.completion.name),
                        ]
                    })),
            .init(
                "examples",
                .list(examples.map { ["line": .string($0.line), "does": .string($0.does)] })),
        ]
    }
}

extension Option {
    fileprivate var declaration: StructuredValue {
        [
            "name": .string(spelling),
            "short": .optional(short.map { "-\($0)" }),
            "formerNames": .list(formerNames.map { .string("--\($0)") }),
            "takes": .string(argument.name),
            "placeholder": .optional(placeholder),
            "type": placeholder == nil ? .null : .string(kind.rawValue),
            "default": .optional(defaultValue),
            "choices": .list(choices.map { .string($0) }),
            "isRequired": .bool(isRequired),
            "group": .optional(group),
            "completes": .string(completion.name),
            "help": .string(help),
        ]
    }
}

extension Option.Argument {
    fileprivate var name: String {
        switch self {
        case .none: "nothing"
        case .value: "value"
        case .repeated: "repeated"
        case .several: "several"
        case .optional: "optional"
        }
    }
}

extension Option.Completion {
    fileprivate var name: String {
        switch self {
        case .nothing: "nothing"
        case .files: "files"
        case .words: "words"
        case .names(let kind): kind.rawValue
        }
    }
}

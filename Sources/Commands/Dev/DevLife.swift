/// The life of a throw-away broker and of the command it is there for, as the process that watches over both sees it.
/// Each event gives the one thing to do.
struct DevLife {
    /// How a process ended.
    enum Ending: Equatable {
        case exited(Int32)
        case signalled(CInt)

        /// What a shell makes of it.
        var code: Int32 {
            switch self {
            case .exited(let code): code
            case .signalled(let number): 128 + number
            }
        }
    }

    enum Event: Equatable {
        case brokerServes
        case topicsCreated
        case topicsFailed
        case brokerEnded
        case commandEnded(Ending)
        /// A signal that the terminal sends, for Ctrl-C and its like, reaches the command as well.
        case signal(CInt, isFromTerminal: Bool)
    }

    enum Action: Equatable {
        case nothing
        case createTopics
        /// The command or, without one, the address.
        case begin
        case passOn(CInt)
        case tellBrokerIsLost
        case end(code: Int32)
    }

    private enum State {
        case starting
        case creatingTopics
        case serving
        /// The command runs on without its broker.
        case bereft
    }

    /// What the exit code is when neither the command nor a signal gives one; `env`, `timeout` and their like have the
    /// same.
    static let failed: Int32 = 125

    let hasCommand: Bool
    let hasTopics: Bool
    private var state = State.starting

    init(hasCommand: Bool, hasTopics: Bool = false) {
        self.hasCommand = hasCommand
        self.hasTopics = hasTopics
    }

    mutating func handle(_ event: Event) -> Action {
        switch (state, event) {
        case (.starting, .brokerServes):
            state = hasTopics ? .creatingTopics : .serving
            return hasTopics ? .createTopics : .begin
        case (.starting, .brokerEnded), (.creatingTopics, .topicsFailed):
            return .end(code: Self.failed)
        case (.starting, .signal(let number, _)), (.creatingTopics, .signal(let number, _)):
            return .end(code: 128 + number)
        case (.creatingTopics, .topicsCreated):
            state = .serving
            return .begin
        case (.serving, .brokerEnded), (.creatingTopics, .brokerEnded):
            state = .bereft
            return .tellBrokerIsLost
        case (.serving, .commandEnded(let ending)):
            return .end(code: ending.code)
        // A success without the broker may be one that nobody should trust.
        case (.bereft, .commandEnded(let ending)):
            return .end(code: ending.code == 0 ? Self.failed : ending.code)
        case (.serving, .signal(let number, let isFromTerminal)), (.bereft, .signal(let number, let isFromTerminal)):
            if hasCommand { return isFromTerminal ? .nothing : .passOn(number) }
            return .end(code: number == Self.orderlyStop ? 0 : 128 + number)
        // There is no command yet, the broker serves once and ends once, the topics are created in one state alone.
        case (.starting, .commandEnded), (.creatingTopics, .commandEnded), (.creatingTopics, .brokerServes),
            (.serving, .brokerServes), (.bereft, .brokerServes), (.bereft, .brokerEnded),
            (.starting, .topicsCreated), (.serving, .topicsCreated), (.bereft, .topicsCreated),
            (.starting, .topicsFailed), (.serving, .topicsFailed), (.bereft, .topicsFailed):
            return .nothing
        }
    }

    /// SIGTERM, with which a broker is told to stop.
    private static let orderlyStop: CInt = 15
}

import CLinux
import Glibc

/// How many files this process may have open.
public enum OpenFileLimit {
    /// Raises the limit to what the system lets an ordinary process have, and returns it. Shells and service managers
    /// start programs with 1024, for the sake of `select`, which nothing here uses.
    @discardableResult
    public static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}

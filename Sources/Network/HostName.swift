import Glibc

/// The name of a host, or an address in its place.
public enum HostName {
    /// Whether it is an address, of which nobody needs to be asked.
    public static func isAddress(_ name: String) -> Bool {
        var bytes = in6_addr()
        return inet_pton(AF_INET, name, &bytes) == 1 || inet_pton(AF_INET6, name, &bytes) == 1
    }

    /// Whether it is an address or one can be looked up for it, which may take as long as the name server does.
    public static func isKnown(_ name: String) -> Bool {
        do throws(NetworkError) {
            return try !ResolvedAddress.all(host: name, port: 0).isEmpty
        } catch {
            return false
        }
    }
}

public import KafkaModel
public import KafkaProtocol

extension JoinGroupResponse {
    public static func refusing(_ code: ErrorCode, memberID: String) -> JoinGroupResponse {
        var response = JoinGroupResponse()
        response.errorCode = code.rawValue
        response.protocolName = nil
        response.memberId = memberID
        return response
    }

    /// Before version 7 a protocol that is not chosen is an empty name, from then on none.
    public func fitted(to version: Int16) -> JoinGroupResponse {
        var response = self
        if version < 7 {
            response.protocolName = protocolName ?? ""
        } else if protocolName == "" {
            response.protocolName = nil
        }
        return response
    }
}

extension SyncGroupResponse {
    public static func refusing(_ code: ErrorCode) -> SyncGroupResponse {
        var response = SyncGroupResponse()
        response.errorCode = code.rawValue
        return response
    }
}

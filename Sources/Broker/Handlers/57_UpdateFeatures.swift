import Configuration
import Controller
import KafkaModel
import KafkaProtocol
import Metadata
import Telemetry

/// UpdateFeatures: changes the finalized levels of features, `metadata.version` among them; all of them or none
/// (KIP-584).
enum UpdateFeaturesHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: UpdateFeaturesRequest, _ context: RequestContext, _ broker: Broker
    ) -> UpdateFeaturesResponse {
        let updates = request.featureUpdates.map { update in
            // Version 0 knows one kind of downgrade.
            let kind =
                context.version == 0 && update.allowDowngrade
                ? FeatureChanges.Kind.safeDowngrade.rawValue : update.upgradeType
            return FeatureChanges.Update(update.feature, level: update.maxVersionLevel, kind: kind)
        }
        var response = UpdateFeaturesResponse()
        response.errorMessage = nil
        if let refusal = broker.updateFeatures(updates, intent: request.validateOnly ? .validateOnly : .change) {
            response.errorCode = refusal.code.rawValue
            response.errorMessage =
                "The update failed for all features since the following feature had an error: "
                + (refusal.message ?? refusal.code.message)
            return response
        }
        guard context.version <= 1 else { return response }
        response.results = request.featureUpdates.map { update in
            var result = UpdateFeaturesResponse.UpdatableFeatureResult()
            result.feature = update.feature
            result.errorMessage = nil
            return result
        }
        return response
    }
}

extension Broker {
    /// Nil when it was done.
    fileprivate func updateFeatures(_ updates: [FeatureChanges.Update], intent: Intent) -> Refusal? {
        // As in Kafka the files count, not what was altered since.
        let minInSyncReplicas = configuration.describe("min.insync.replicas")?.value.flatMap { Int($0) } ?? 1
        let outcome = cluster.change { image -> (records: [MetadataRecord], answer: Refusal?) in
            do throws(Refusal) {
                return (
                    try FeatureChanges.update(
                        updates, in: image, node: id, minInSyncReplicas: minInSyncReplicas, intent: intent), nil
                )
            } catch {
                return ([], error)
            }
        }
        switch outcome {
        case .success(let refusal):
            if let refusal { log.warn("The features were not updated: \(refusal)") }
            return refusal
        case .failure(let code): return Refusal(code)
        }
    }
}

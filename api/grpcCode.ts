import { isGrpcServiceError } from '@temporalio/client';

export const GRPC_NOT_FOUND = 5;
export const GRPC_FAILED_PRECONDITION = 9;

/** The gRPC status with which Temporal, or the way to it, failed a call; null for any other error. */
export function grpcCodeOf(error: unknown): number | null {
  const cause = isGrpcServiceError(error) ? error : error instanceof Error ? error.cause : undefined;
  return isGrpcServiceError(cause) ? cause.code : null;
}

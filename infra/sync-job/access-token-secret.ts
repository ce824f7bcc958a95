import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/** A secret with a random value, until somebody stores the token. No fixed name: one that is kept must not stand in the way of the next. */
export function createAccessTokenSecret(scope: Construct, id: string, name: string, encryptionKey: IKey | undefined): ISecret {
  const secret = new Secret(scope, id, {
    description: `LaunchDarkly access token of ${name}: the token itself, or {"accessToken": "..."}`,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ...(encryptionKey ? { encryptionKey } : {}),
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason: 'LaunchDarkly has no API to rotate a token by; people do, see docs/deployment.md, and the function reads it anew.',
  });
  // CDK's classes and interfaces disagree where exactOptionalPropertyTypes is on.
  return secret as ISecret;
}

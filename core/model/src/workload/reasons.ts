/**
 * Reasons of the `Ready` condition of a release. The projector and the console branch on them; the sentence beside them is for
 * people. `NotObserved` is the projector's own: nobody has looked since the start. Status by reason: `Ready`, `Paused` and `ScaledToZero` (there
 * are Deployments or StatefulSets, and none of them wants a Pod) are True; `Progressing`, `DependencyNotReady`, `WaitingForBinding` and `EngineUnavailable` are Unknown; a failing Pod is Unknown while it may still recover by itself and False afterwards.
 */
export const reasons = {
  Ready: 'Ready',
  Progressing: 'Progressing',
  Paused: 'Paused',
  ScaledToZero: 'ScaledToZero',
  Removing: 'Removing',
  RenderFailed: 'RenderFailed',
  Refused: 'Refused',
  BlueprintMissing: 'BlueprintMissing',
  DependencyNotReady: 'DependencyNotReady',
  WaitingForBinding: 'WaitingForBinding',
  SecretMissing: 'SecretMissing',
  ErrImagePull: 'ErrImagePull',
  ImagePullBackOff: 'ImagePullBackOff',
  InvalidImageName: 'InvalidImageName',
  CreateContainerConfigError: 'CreateContainerConfigError',
  CreateContainerError: 'CreateContainerError',
  CrashLoopBackOff: 'CrashLoopBackOff',
  ProbeFailing: 'ProbeFailing',
  JobFailed: 'JobFailed',
  NotEnoughReplicas: 'NotEnoughReplicas',
  ProgressDeadlineExceeded: 'ProgressDeadlineExceeded',
  EngineUnavailable: 'EngineUnavailable',
  NotObserved: 'NotObserved',
  Internal: 'Internal',
} as const;
/** One of `reasons`. */
export type Reason = (typeof reasons)[keyof typeof reasons];

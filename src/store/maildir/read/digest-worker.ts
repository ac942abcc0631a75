import { answerRequests } from '../../../workers/answer-requests-in-worker.js';
import { digestAll, type FileAnswer } from './try-digest-file.js';

// Answers each list of paths with a list of answers in the same order.
answerRequests<readonly string[], readonly FileAnswer[]>(async (paths) => ({ answer: await digestAll(paths) }));

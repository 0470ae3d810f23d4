/**
 * Paths of vLLM's server that the stand-in answers, with the methods that each takes; FastAPI answers every other path with
 * 404 and every other method with 405.
 */
export const ROUTES: Readonly<Record<string, readonly string[]>> = {
  '/health': ['GET'],
  '/ping': ['GET', 'POST'],
  '/version': ['GET'],
  '/load': ['GET'],
  '/docs': ['GET', 'HEAD'],
  '/metrics': ['GET'],
  '/tokenize': ['POST'],
  '/v1/models': ['GET'],
  '/v1/chat/completions': ['POST'],
};

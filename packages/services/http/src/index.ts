// The public face of the http service, by hand.

export { canonicalUrl, networkScope, type UrlFault } from './address-line.ts'
export { type HttpPorts, makeHttpFunctions } from './http-request.ts'
export { type HttpRequest, type HttpResponse, httpRequestInput, httpRequestOutput } from './request-schema.ts'

import { join } from 'node:path';
import type { Router } from 'express';
import { absolutePath } from 'swagger-ui-dist';
import { openApiDocument } from '../contracts/http/document';
import { pageOf, sendPage } from './page';

const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js'];

const PAGE = pageOf({
  title: 'Countersign: the HTTP interface',
  head: '<link rel="stylesheet" href="/docs/swagger-ui.css">',
  body: '<div id="docs"></div>\n<script src="/docs/swagger-ui-bundle.js"></script>\n<script src="/docs/start.js"></script>',
});

/** `validatorUrl: null`: the document is sent to nobody. Requests carry the session's cookie, being of the same origin. */
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true, validatorUrl: null });\n`;

/** `/openapi.json`, and `/docs` that shows it from files of this process alone. */
export function mountDocs(router: Router): void {
  const document = JSON.stringify(openApiDocument());
  router.get('/openapi.json', (_request, response) => {
    response.type('application/json').send(document);
  });
  router.get('/docs', (_request, response) => sendPage(response, 200, PAGE));
  router.get('/docs/start.js', (_request, response) => {
    response.type('text/javascript').send(START);
  });
  for (const file of FILES) {
    router.get(`/docs/${file}`, (_request, response) =>
      response.sendFile(join(absolutePath(), file), { maxAge: '1h' }),
    );
  }
}

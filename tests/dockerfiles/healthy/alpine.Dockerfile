FROM node:20-alpine
ENV PATH=/app/node_modules/.bin:$PATH
USER node

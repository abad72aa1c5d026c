FROM node:20
ENV NODE_ENV=test CI=true
ENV PATH=/usr/local/bin:/usr/bin:/bin
USER node

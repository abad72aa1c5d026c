FROM node:20-bookworm
ENV NPM_CONFIG_PREFIX=/home/node/.npm-global
ENV PATH=$NPM_CONFIG_PREFIX/bin:/app/node_modules/.bin:$PATH
WORKDIR /app
COPY package.json ./
USER node
RUN npm install
CMD ["npm", "test"]

FROM cimg/node:20.11
ENV PATH=/home/circleci/.yarn/bin:$PATH
RUN npm config set prefix /home/circleci/.npm

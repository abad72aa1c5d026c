FROM circleci/node:14
USER root
RUN apt-get update
ENV PATH=/opt/yarn/bin:$PATH
USER circleci
RUN yarn --version

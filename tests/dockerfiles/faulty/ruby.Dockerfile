FROM ruby:3.3
ENV BUNDLE_PATH=/bundle \
    GEM_HOME=/bundle
ENV PATH=$PATH:/bundle/bin
CMD ["irb"]

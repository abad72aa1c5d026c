FROM ruby:3.3
ENV PATH=/opt/tool/bin:$PATH
RUN printf '%s\n' 'export PATH=/opt/tool/bin:/usr/local/bundle/bin:$PATH' >> /root/.bashrc

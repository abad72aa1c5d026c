FROM node:20
ENV PATH=/opt/tool/bin:$PATH
RUN echo 'PATH=/opt/tool/bin:$PATH' >> /etc/skel/.profile && adduser --disabled-password --gecos '' ci
USER ci

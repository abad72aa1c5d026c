FROM debian:12
ENV PATH=/opt/tool/bin:$PATH
RUN tool shellenv >> /root/.profile

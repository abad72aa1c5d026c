FROM debian:12
ENV PATH=/opt/tool/bin:$PATH
RUN rm -f /etc/profile

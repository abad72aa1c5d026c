FROM alpine:3.12
ENV PATH=/opt/tool/bin:$PATH
RUN echo 'export PATH=/opt/tool/bin:$PATH' > /etc/profile.d/tool.sh

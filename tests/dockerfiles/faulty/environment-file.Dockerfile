FROM debian:12
ENV PATH=/opt/tool/bin:$PATH
RUN echo "PATH=$PATH" >> /etc/environment
RUN echo 'export PATH=/opt/tool/bin:$PATH' > /etc/profile.d/tool
ENV BASH_ENV=/etc/profile.d/tool

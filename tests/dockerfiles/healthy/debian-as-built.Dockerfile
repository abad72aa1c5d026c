FROM golang:1.22
ENV PATH=$PATH:/opt/tool/bin
RUN echo "export PATH=$PATH" | tee -a /etc/profile.d/image.sh > /dev/null

FROM fedora:41
RUN dnf -y install git
ENV HISTSIZE=100000 PATH=/opt/tool/bin:$PATH
